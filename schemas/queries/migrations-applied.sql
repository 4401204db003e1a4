SELECT name, sha256 FROM migrations FINAL ORDER BY name
