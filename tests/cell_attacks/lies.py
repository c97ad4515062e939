"""Code that a hostile file may run to lie to the zygote in what it reports, and to the service in what it answers."""

from __future__ import annotations

from textwrap import dedent, indent

#: Each is done with each call; ``connection`` leads to the service.
ANSWERS = {
    "garbage": "connection.sendall(os.urandom(100_000))",
    "a frame without end": """
        connection.sendall(HEAD.pack(MARK, 2, 2**32 - 1) + b'{}')
        while True:
            connection.sendall(bytes(1_000_000))
        """,
    "a header without end": """
        connection.sendall(HEAD.pack(MARK, 2**32 - 1, 0))
        while True:
            connection.sendall(b' ' * 1_000_000)
        """,
    "as much as it may": "connection.sendall(HEAD.pack(MARK, 65_000, 8) + bytes(70_000))",
    "a byte at a time": """
        for byte in HEAD.pack(MARK, 60_000, 0) + b' ' * 60_000:
            connection.sendall(bytes([byte]))
            time.sleep(0.01)
        """,
    "half an answer": "connection.sendall(HEAD.pack(MARK, 20, 8) + b'{')",
    "nothing": "pass",
    "silence": "time.sleep(10_000)",
    "an endless loop": "while True: pass",
    "a pickle as payload": """
        class Evil:
            def __reduce__(self):
                return os.system, (f'touch {FOLDER}/new',)
        connection.sendall(encode_frame({'kind': 'numbers', 'classes': []}, pickle.dumps(Evil())))
        """,
    "a pickle as header": """
        class Evil:
            def __reduce__(self):
                return os.system, (f'touch {FOLDER}/new',)
        held = pickle.dumps(Evil())
        connection.sendall(HEAD.pack(MARK, len(held), 0) + held)
        """,
    "nested JSON": "connection.sendall(HEAD.pack(MARK, 60_000, 0) + b'[' * 60_000)",
    "a number of JSON that is none": """
        text = b'{"kind": "values", "values": [NaN]}'
        connection.sendall(HEAD.pack(MARK, len(text), 0) + text)
        """,
    "a number that is too large": """
        text = b'{"kind": "values", "values": [1e999]}'
        connection.sendall(HEAD.pack(MARK, len(text), 0) + text)
        """,
    "not a number": """
        header = {'kind': 'numbers', 'classes': []}
        connection.sendall(encode_frame(header, struct.pack('d', float('nan'))))
        """,
    "two numbers": "connection.sendall(encode_frame({'kind': 'numbers', 'classes': []}, bytes(16)))",
    "a class": "connection.sendall(encode_frame({'kind': 'classes', 'classes': []}, bytes(8)))",
    "probabilities": "connection.sendall(encode_frame({'kind': 'numbers', 'classes': [1]}, bytes(16)))",
    "negative counts": "connection.sendall(encode_frame({'kind': 'numbers', 'classes': [-1]}, b''))",
    "a kind that is a list": "connection.sendall(encode_frame({'kind': ['numbers'], 'classes': []}, bytes(8)))",
    "values that are lists": "connection.sendall(encode_frame({'kind': 'values', 'values': [[1]]}))",
    "a text with NUL": "connection.sendall(encode_frame({'kind': 'values', 'values': ['\\0']}))",
    "an error with a text": "connection.sendall(encode_frame({'error': 'a\\x1b[2Jsecret\\n'}))",
    "an error that is an object": "connection.sendall(encode_frame({'error': {}}))",
    "an error with a long name": "connection.sendall(encode_frame({'error': 'a' * 60_000}))",
    "descriptors": """
        held = [task.listener.fileno(), connection.fileno()] * 20
        socket.send_fds(connection, [HEAD.pack(MARK, 9, 9)], held)
        """,
    "the listener shut": "task.listener.shutdown(socket.SHUT_RDWR); time.sleep(10_000)",
    "the listener closed": "task.listener.close(); connection.close(); time.sleep(10_000)",
    "calls that are accepted and kept": """
        kept = []
        while True:
            kept.append(task.listener.accept())
        """,
    "an end": "os._exit(0)",
    "a crash": "ctypes.string_at(8)",
    "a stop": "signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)",
    "other calls by its own account": """
        for number in range(2**62):
            process.STATE.pack_into(task.state, 0, number, number)
        """,
    "no call by its own account": """
        process.STATE.pack_into(task.state, 0, 0, 0)
        while True: pass
        """,
    "memory without end": """
        held = []
        while True:
            held.append(b'x' * 100_000_000)
        """,
}
#: Each is reported instead of what was found; ``send`` sends a report, and ``honest`` is one.
REPORTS = {
    "garbage": "task.reports.sendall(os.urandom(100_000))",
    "a frame without end": """
        task.reports.sendall(HEAD.pack(MARK, 2, 2**32 - 1) + b'{}')
        while True:
            task.reports.sendall(bytes(1_000_000))
        """,
    "small frames without end": """
        frames = (HEAD.pack(MARK, 0, 1) + b'x') * 100_000
        while True:
            task.reports.sendall(frames)
        """,
    "as many small frames as it may": """
        frames = (HEAD.pack(MARK, 0, 1) + b'x') * 100_000
        for _ in range(150):
            task.reports.sendall(frames)
        """,
    "silence": "time.sleep(10_000)",
    "silence after it is ready": "send(honest); task.reports.sendall(encode_frame({})); time.sleep(10_000)",
    "the end at once": "task.reports.close()",
    "ready without a report": "task.reports.sendall(encode_frame({}))",
    "no JSON": "send(b'{'); finish()",
    "nested JSON": "send(b'[' * 10_000_000); finish()",
    "a pickle": """
        class Evil:
            def __reduce__(self):
                return os.system, (f'touch {FOLDER}/new',)
        send(pickle.dumps(Evil()))
        finish()
        """,
    "no output": "signature(outputs=[])",
    "two inputs of one name": "signature(features=[{'name': 'a'}, {'name': 'a'}])",
    "an input without a name": "signature(features=[{'name': ''}])",
    "a name with NUL": "signature(features=[{'name': 'a\\0'}])",
    "a name of 10 MB": "signature(features=[{'name': 'a' * 10_000_000}])",
    "a million inputs": "signature(features=[{'name': str(number)} for number in range(1_000_000)])",
    "a million outputs": "signature(outputs=[{'name': str(number)} for number in range(1_000_000)])",
    "two outputs of one name": "signature(outputs=[{'name': 'a'}, {'name': 'a'}])",
    "a million classes": "signature(task='classification', outputs=[{'name': 'a', 'classes': list(range(1_000_000))}])",
    "classes of 10 MB": "signature(task='classification', outputs=[{'name': 'a', 'classes': ['a' * 10_000_000, 'b']}])",
    "classes that are lists": "signature(task='classification', outputs=[{'name': 'a', 'classes': [[1], {}]}])",
    "classes that are the same": "signature(task='classification', outputs=[{'name': 'a', 'classes': ['a', 'a']}])",
    "classes that are not finite": """
        signature(task='classification', outputs=[{'name': 'a', 'classes': [float('nan'), float('inf')]}])
        """,
    "classes that are null": "signature(task='classification', outputs=[{'name': 'a', 'classes': [None, None]}])",
    "a number of 1000 digits": "signature(features=[{'name': 'a', 'kind': 'category', 'choices': [10**1000]}])",
    "choices that are not finite": """
        signature(features=[{'name': 'a', 'kind': 'category', 'choices': [float('nan'), float('inf')]}])
        """,
    "a category without choices": "signature(features=[{'name': 'a', 'kind': 'category'}])",
    "a range that is none": """
        signature(features=[{'name': 'a', 'range': {'low': float('nan'), 'high': -1e308, 'exact': True, 'source': ''}}])
        """,
    "a default that is no text": "signature(features=[{'name': 'a', 'kind': 'text', 'default': 1e308, 'typical': {}}])",
    "a default that is not finite": "signature(features=[{'name': 'a', 'default': float('inf')}])",
    "a typical value of 400 digits": "signature(features=[{'name': 'a', 'typical': 10**400}])",
    "an order of other names": "signature(order=['b', 'c'])",
    "texts with two inputs": "signature(layout='texts', features=[{'name': 'a'}, {'name': 'b', 'kind': 'text'}])",
    "a billion thresholds": "change(splits={'x0': [0.5] * 10_000_000})",
    "thresholds of others": "change(splits={'other': [float('nan'), float('inf')]})",
    "names of 10 MB": "change(names=[['a' * 10_000_000, 'b']], holds='h' * 10_000_000, made_with='m' * 1_000_000)",
    "words with control characters": """
        change(holds='a\\x1b[2J\\n', made_with='1\\x1b', prediction='\\x1b\\n', parts_with_training_rows=['\\x1b'])
        """,
    "a reason with control characters": "change(reason='a\\x1b[2J\\n' * 100_000)",
}

#: Each is reported too, and does no harm.
ODDITIES = {
    "another name of a field": "change(unknown=1)",
    "a name with control characters": "signature(features=[{'name': 'a\\x1b[2J\\n'}])",
    "probabilities without classes": "signature(probabilities=True)",
    "another file's probing": "change(probed={'other': 'date'})",
}


def answering(how: str) -> str:
    """Return code that answers calls in some way."""
    return _with_body(
        """
        def answer(task, model):
            task.listener.setblocking(True)
            while True:
                connection, _ = task.listener.accept()
                header, payload = receive_frame(connection, max_header=10**6, max_payload=10**6)
                process.STATE.pack_into(task.state, 0, header['call'], 1)
                with connection:
        BODY
        vars(process).update(_serve=answer)
        """,
        how,
        depth=20,
    )


def reporting(how: str) -> str:
    """Return code that reports something."""
    return _with_body(
        """
        import json
        from dataclasses import asdict
        from webapp.models.file_report import FileReport
        from webapp.types import Feature, Output, Signature

        words = asdict(FileReport(holds='Model', signature=Signature(
            task='regression', features=(Feature(name='x0'),), outputs=(Output(name='y'),)
        )))

        def send(report):
            task.reports.sendall(encode_frame({}, report))

        def finish():
            task.reports.sendall(encode_frame({}))
            task.reports.close()

        def change(**changes):
            send(json.dumps(words | changes).encode())
            finish()

        def signature(**changes):
            change(signature=words['signature'] | changes)

        honest = json.dumps(words).encode()
        def report():
        BODY
        report()
        process._serve(task, None)
        """,
        how,
        depth=4,
    )


def _with_body(code: str, body: str, depth: int) -> str:
    return dedent(code).replace("BODY", indent(dedent(body).strip("\n"), " " * depth))
