"""Press: what accredited readers saw ahead of release."""
