WITH
    stored AS
    (
        SELECT _offset AS at FROM {table:Identifier}
        WHERE _partition = {partition:Int32} AND _offset >= {floor:Int64}
        UNION DISTINCT
        SELECT offset AS at FROM dead_letters
        WHERE topic = {topic:String} AND partition = {partition:Int32} AND offset >= {floor:Int64}
        UNION DISTINCT
        SELECT offset AS at FROM tombstones
        WHERE topic = {topic:String} AND partition = {partition:Int32} AND offset >= {floor:Int64}
    ),
    numbered AS
    (
        SELECT at, at - row_number() OVER (ORDER BY at) AS island FROM stored
    )
SELECT min(at) AS first, max(at) AS last
FROM numbered
GROUP BY island
ORDER BY first
