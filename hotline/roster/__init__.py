"""Who is on duty when: the chain that is rung at night and in emergencies."""
