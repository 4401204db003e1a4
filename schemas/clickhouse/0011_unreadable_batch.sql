ALTER TABLE dead_letters COMMENT COLUMN reason
    'One of a closed list: unreadable-batch, empty, not-framed, unknown-schema, foreign-schema, truncated, trailing-bytes, malformed, contract, refused';

ALTER TABLE dead_letters COMMENT COLUMN payload
    'Message value, raw bytes. For unreadable-batch, the whole record batch in the row of its first message, nothing in the others';
