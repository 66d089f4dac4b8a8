"""What is compared, decided and planned: calculations only, no clock, network or disk."""
