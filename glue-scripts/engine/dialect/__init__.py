"""SQL where two engines read it otherwise: what is written anew for Sail, and what is refused."""
