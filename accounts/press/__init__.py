"""Press: the record of what accredited readers read ahead of release."""
