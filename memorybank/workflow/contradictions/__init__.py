"""Earlier decisions that contradict a new one."""
