SELECT concat(toString(_partition), '/', toString(_offset)) AS place, count() AS copies
FROM {table:Identifier}
GROUP BY _partition, _offset
ORDER BY _partition, _offset
