"""Users: how they sign in, which viewers of the visibility law they are, and the data about them."""
