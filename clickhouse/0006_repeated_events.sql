-- Events that a producer sent more than once: the same event_id at several offsets. `places` are the rows' coordinates in
-- the order of arrival. To leave such copies out of a question: LIMIT 1 BY event_id.
-- A join, not IN (SELECT …): ClickHouse 25.5 remembers which rows a condition can match, and takes an IN whose set has
-- changed for the same condition (use_query_condition_cache), so that copies would be missed.
CREATE OR REPLACE VIEW repeated_events AS
SELECT
    event_id,
    any(events.event_type) AS event_type,
    any(events.producer) AS producer,
    uniqExact((topic, kafka_partition, kafka_offset)) AS copies,
    CAST(
        arraySort(place -> (place.4, place.1, place.2, place.3),
            groupArray((toString(topic), kafka_partition, kafka_offset, ingested_at))),
        'Array(Tuple(topic String, kafka_partition Int32, kafka_offset Int64, ingested_at DateTime64(3, ''UTC'')))') AS places
FROM events
INNER JOIN (SELECT event_id FROM events GROUP BY event_id HAVING count() > 1) AS repeated USING (event_id)
GROUP BY event_id
HAVING copies > 1;
