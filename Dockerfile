# Build: docker build -t pgward .      Run: see README.md
FROM debian:12 AS build
WORKDIR /src
# The list of packages first: it changes less often than the sources.
COPY scripts/bootstrap scripts/bootstrap
RUN scripts/bootstrap build
COPY . .
RUN cmake --preset release -DBUILD_TESTING=OFF -DPGWARD_BENCH=OFF \
 && cmake --build --preset release --target pgward \
 && strip --strip-unneeded build/release/proxy/pgward

FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libssl3 libpq5 libpg-query1504.0 \
      libyaml-cpp0.7 libspdlog1.10 libre2-9 librdkafka1 zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 pgward \
 && useradd --system --uid 10001 --gid pgward --home-dir /var/lib/pgward --no-create-home --shell /usr/sbin/nologin pgward \
 && install -d -o pgward -g pgward -m 0700 /var/lib/pgward \
 && install -d -m 0755 /etc/pgward
COPY --from=build /src/build/release/proxy/pgward /usr/local/bin/pgward
# Fails here, and not at the first start, when a library is missing.
RUN pgward --version
USER 10001:10001
# The audit trail. Configuration, keys and policy come in read-only below /etc/pgward.
VOLUME /var/lib/pgward
WORKDIR /var/lib/pgward
EXPOSE 6432
STOPSIGNAL SIGTERM
ENTRYPOINT ["pgward"]
CMD ["serve", "--config", "/etc/pgward/pgward.yaml"]
