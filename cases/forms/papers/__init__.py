"""Making, delivering and voiding official documents; a federation's own templates."""
