# A program with a child of its own, as the worker has its recognisers.
sleep 1000 &
wait
