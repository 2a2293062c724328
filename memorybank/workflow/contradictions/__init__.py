"""Earlier decisions that speak against a new one."""
