# A tag moves when its image is mended; `docker compose config --resolve-image-digests` shows what it stands for.
FROM python:3.11-slim-trixie AS build

WORKDIR /build
# pip stays in this stage.
RUN python3 -m venv --without-pip /opt/venv && python3 -m venv /opt/installer
COPY requirements.txt .
RUN /opt/installer/bin/pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r requirements.txt


FROM python:3.11-slim-trixie AS service

# The number is fixed, so that who may read the models folder can be said outside. A new volume
# for the spool takes its owner from here.
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin scoredesk \
    && install -d -o 10001 -g 10001 -m 700 /app/spool /app/known \
    && install -d -o 10001 -g 10001 /opt/environments \
    && find / -xdev \( -path '*/site-packages/*' \( -name 'pip*' -o -name 'setuptools*' -o -name 'wheel*' \) \
        -o -name ensurepip -o -name python-wheels -o -path '/usr/local/bin/pip*' \) -prune -exec rm -rf {} +
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY wsgi.py gunicorn.conf.py ./
COPY migrations migrations
COPY environments environments
COPY webapp webapp

# STANDALONE=false: it does not start without DATABASE_URL, SECRET_KEY and SEALING_KEY.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STANDALONE=false \
    SPOOL_DIR=/app/spool \
    KNOWN_DIR=/app/known \
    ENVIRONMENTS_DIR=/opt/environments \
    LOG_FORMAT=json \
    HOST=0.0.0.0 \
    AUTH=login \
    PORT=8000
VOLUME /app/models /app/spool /app/known /opt/environments
EXPOSE 8000
USER 10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
# It changes no tables, and need not be allowed to: that is their owner's, before.
CMD ["gunicorn"]


# The same image with what tests it: docker compose run --rm test
FROM service AS test

USER 0
COPY --from=build /opt/installer /opt/installer
COPY requirements*.txt ./
COPY tests/install-programs tests/
COPY tests/browser/package*.json tests/browser/
COPY tests/clients/requirements.txt tests/clients/
RUN /opt/installer/bin/pip --python /opt/venv/bin/python install --no-cache-dir -r requirements-dev.txt \
    && tests/install-programs
COPY . .
USER 10001
ENV STANDALONE=true HOST=127.0.0.1 AUTH=none HYPOTHESIS_STORAGE_DIRECTORY=/tmp/hypothesis
CMD ["python", "-m", "pytest", "-p", "no:cacheprovider"]


# Last, so that it is what a plain `docker build .` makes.
FROM service
