-- A part of one INSERT holds some ten megabytes. Two files a column would make nearly a hundred files of it, and creating
-- them costs more than writing them; up to this size all columns share one file. Merges soon make larger parts.
ALTER TABLE events MODIFY SETTING min_bytes_for_wide_part = 33554432;

ALTER TABLE deck_daily MODIFY SETTING min_bytes_for_wide_part = 33554432;
