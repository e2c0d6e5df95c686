FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d

WORKDIR /app

COPY requirements.txt requirements-postgres.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --only-binary=:all: \
        --require-hashes -r requirements.txt -r requirements-postgres.txt

COPY bot/ bot/
COPY --chown=10001:10001 briefs/ briefs/
COPY deploy/healthcheck.py deploy/start.py LICENSE ./
# Compiled now, for nothing can be written later but what is in the volumes.
RUN python -m compileall -q bot && install -d -m 0700 -o 10001 -g 10001 data

ENV HEALTH_PORT=8080

USER 10001:10001
VOLUME ["/app/briefs", "/app/data"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "healthcheck.py"]
CMD ["python", "-m", "bot", "run"]
