"""`openai:MODEL`: any endpoint that speaks the OpenAI chat protocol: OpenAI, vLLM, Ollama, llama.cpp, LM Studio.

--model openai:gpt-5-mini                                     key from OPENAI_API_KEY
--model openai:qwen3-coder --set model_options.base_url=http://localhost:11434/v1
"""

from __future__ import annotations

import os
from typing import Any

from eureka_cli.chat import Call, Chat, Settings, secret
from eureka_cli.errors import UsageError

OFFICIAL = "https://api.openai.com/v1"
KEY_ENV = "OPENAI_API_KEY"


class Config(Settings):
    """base_url falls back to OPENAI_BASE_URL, then to OpenAI's own; the key to OPENAI_API_KEY."""


def load(argument: str, config: Config) -> Chat:
    if not argument:
        raise UsageError("--model openai:NAME needs the name of a model, for example openai:gpt-5-mini.")
    url = config.base_url or os.environ.get("OPENAI_BASE_URL") or OFFICIAL
    key = secret(config, KEY_ENV)
    if key is None and url == OFFICIAL:
        raise UsageError(
            f"OpenAI needs a key: set {KEY_ENV}, or name a file (--set model_options.key_file=FILE),"
            " or a server of your own (--set model_options.base_url=http://localhost:11434/v1)."
        )
    import openai  # 0.9 s

    # Retries are ours: they can be heard about, and they end when the person has had enough.
    client = openai.OpenAI(api_key=key or "none", base_url=url, max_retries=0, timeout=config.timeout_s)

    def send(call: Call) -> Any:
        messages: Any = [message.model_dump() for message in call.messages]
        return client.chat.completions.create(model=argument, messages=messages, **call.options)

    return Chat(f"openai:{argument}", url, config, send=send, key=key)
