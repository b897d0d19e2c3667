"""How dates and times are written in each language of the site; what is not here, Django's own formats say."""
