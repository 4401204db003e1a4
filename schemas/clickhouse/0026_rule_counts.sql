ALTER TABLE panes
    ADD COLUMN IF NOT EXISTS below Nullable(UInt64) DEFAULT NULL COMMENT 'numeric: rows with a finite value below the range of the contract; null where it had no such end when the rows were counted',
    ADD COLUMN IF NOT EXISTS above Nullable(UInt64) DEFAULT NULL COMMENT 'numeric: rows with a finite value above the range of the contract; null as for below',
    ADD COLUMN IF NOT EXISTS unexpected Nullable(UInt64) DEFAULT NULL COMMENT 'categorical: rows with a value that is not in the domain of the contract; null where it had none that could be held against every window';
