(empty({partitions:Array(Int32)}) OR (
                    has({partitions:Array(Int32)}, _partition)
                    AND _offset >= {first_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]
                    AND _offset < {end_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]))
