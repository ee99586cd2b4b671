"""What supervisors are warned of by rule: raised once, acknowledged by name, ended; and gaps in what was seen."""
