ALTER TABLE retrain_requests
    COMMENT COLUMN incident_id 'Incident that asked for it; null when the retrain rule asked and none was open';

ALTER TABLE model_lineage
    COMMENT COLUMN incident_id 'Incident that asked for it; null when the retrain rule, a person or nobody did';
