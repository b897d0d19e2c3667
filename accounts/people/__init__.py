"""Users: how they sign in, who they are to the visibility law, and what is kept of them."""
