# Adds one static wget to an image without a shell, so that a health check can ask it over HTTP.
ARG BASE
FROM busybox:1.37.0-musl AS busybox

FROM ${BASE}
COPY --from=busybox --chmod=755 /bin/busybox /usr/local/bin/wget
