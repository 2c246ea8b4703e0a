"""The archive: filing, classes, holds, appraisal and disposal of what has been kept long enough."""
