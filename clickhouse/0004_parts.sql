-- What a part costs. A part of one INSERT holds some ten megabytes: two files a column would make nearly a hundred files of
-- it, and creating them costs more than writing them, so up to 64 MiB all columns share one file. And merging a row costs
-- as much as inserting it (docs/performance.md), so parts of one size wait until there are about twenty of them, not five:
-- each row is then merged about half as often in its life. Old and many parts are merged sooner, as ever.
ALTER TABLE events MODIFY SETTING min_bytes_for_wide_part = 67108864, merge_selector_base = 40;

ALTER TABLE activity_hourly MODIFY SETTING min_bytes_for_wide_part = 67108864, merge_selector_base = 40;

ALTER TABLE user_daily MODIFY SETTING min_bytes_for_wide_part = 67108864, merge_selector_base = 40;

ALTER TABLE deck_daily MODIFY SETTING min_bytes_for_wide_part = 67108864, merge_selector_base = 40;

ALTER TABLE course_daily MODIFY SETTING min_bytes_for_wide_part = 67108864, merge_selector_base = 40;

ALTER TABLE ranges MODIFY SETTING min_bytes_for_wide_part = 67108864, merge_selector_base = 40;
