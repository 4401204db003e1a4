-- Copies the rows of a raw table from one database to this one; from {bounded:DateTime64} on only those below the end
-- offsets of their partitions.
INSERT INTO {table:Identifier}
SELECT *
FROM {source:Identifier}.{table:Identifier} FINAL
WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
    AND (event_time < {bounded:DateTime64(3, 'UTC')}
        OR _offset < {end_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)])
