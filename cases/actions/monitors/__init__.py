"""What is watched over beyond the handling of a case: opened, visited, ended, each kind by its own rules."""
