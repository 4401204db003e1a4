ALTER TABLE retrain_requests
    ADD COLUMN IF NOT EXISTS onset Nullable(DateTime64(3, 'UTC')) DEFAULT NULL COMMENT 'Event time at which the change began that a version is to be trained since; null when none is' AFTER train_until;
