g++ -std=c++17 -w -o "$SCRATCH/pqxx" "$HERE/other/pqxx.cc" -lpqxx -lpq && exec "$SCRATCH/pqxx"
