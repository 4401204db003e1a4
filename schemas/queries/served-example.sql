-- Features of one served example, as they were when it was last served; the newest of all when no id is named.
SELECT toString({id:Identifier}) AS _k, {columns:Identifiers}
FROM {serving:Identifier} FINAL
WHERE {wanted:String} = '' OR toString({id:Identifier}) = {wanted:String}
ORDER BY event_time DESC, _partition, _offset DESC
LIMIT 1
FORMAT JSONEachRow
