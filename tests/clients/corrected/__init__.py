"""Sessions in a terminal in which the user corrects the agent in every way that the client has."""
