"""Who may do what where: every service's own copy of the tree of scopes and of the rights in it (architecture 4)."""
