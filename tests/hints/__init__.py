"""The test that the public's answers do not depend on what is hidden: an archive, random requests, comparisons."""
