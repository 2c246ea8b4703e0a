"""Official documents: what can be made now, issuing, delivery, declaring void, a federation's own templates."""
