# The server as one file on a small base: docker build -t soketify . && docker run -p 6001:6001 -v soketify:/data soketify
# --build-arg BUILD_COMMIT=$(git rev-parse HEAD) makes `soketify --version` show the commit.
FROM node:22-bookworm-slim AS build
ARG BUILD_COMMIT=
WORKDIR /build
COPY . .
RUN npm ci --no-audit --no-fund && npm run build:binary && mkdir docker-data

# Bun needs only the C library. The image has about 145 MB, and 130 of them are the program.
FROM gcr.io/distroless/base-nossl-debian12:nonroot
ENV NODE_ENV=production SOKETIFY_DATA_DIR=/data
COPY --from=build /build/server/dist/soketify /usr/local/bin/soketify
COPY --from=build --chown=nonroot:nonroot /build/docker-data /data
VOLUME /data
EXPOSE 6001
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["soketify", "health"]
ENTRYPOINT ["soketify"]
CMD ["start"]
