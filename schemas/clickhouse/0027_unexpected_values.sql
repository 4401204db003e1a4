ALTER TABLE panes
    ADD COLUMN IF NOT EXISTS unexpected_values Array(Tuple(String, UInt64)) DEFAULT [] COMMENT 'categorical and text: the 8 most frequent values outside of the domain and the rows that have them, most rows first, then by the bytes of the value; of a long value its first 64 characters' AFTER unexpected,
    COMMENT COLUMN unexpected 'categorical and text: rows with a value that is not in the domain of the contract; null where it had none that could be held against every window';
