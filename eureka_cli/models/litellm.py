"""`litellm:VENDOR/MODEL`: every other vendor, through LiteLLM (pip install 'reward-synth[litellm]').

--model litellm:anthropic/claude-sonnet-4-5                   key from the vendor's own variable
--model litellm:ollama/qwen3-coder --set model_options.base_url=http://localhost:11434
"""

from __future__ import annotations

import importlib.util
import os
from typing import Any

from eureka_cli.chat import Call, Chat, Settings, secret
from eureka_cli.errors import UsageError


class Config(Settings):
    """The key is read from the vendor's usual environment variable unless key_env or key_file name another place."""


def load(argument: str, config: Config) -> Chat:
    if not argument:
        raise UsageError("--model litellm:VENDOR/MODEL needs a model, for example litellm:anthropic/claude-sonnet-4-5.")
    if importlib.util.find_spec("litellm") is None:
        raise UsageError("LiteLLM is not installed. Install it: pip install 'reward-synth[litellm]'")
    named = config.key_env is not None or config.key_file is not None
    key = secret(config, "") if named else None
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # before the import: no look-up on the network
    import litellm  # 5 s

    litellm.suppress_debug_info = True
    litellm.telemetry = False

    def send(call: Call) -> Any:
        messages = [message.model_dump() for message in call.messages]
        return litellm.completion(
            model=argument,
            messages=messages,
            api_key=key,
            base_url=config.base_url,
            timeout=config.timeout_s,
            num_retries=0,
            max_retries=0,
            drop_params=True,
            **call.options,
        )

    return Chat(f"litellm:{argument}", config.base_url or "its vendor", config, send=send, key=key, price=_price)


def _price(response: Any) -> float | None:
    """Dollars of a call by LiteLLM's price table; None for a model it does not know."""
    import litellm

    try:
        return float(litellm.completion_cost(response)) or None
    except Exception:  # ModelNotMappedError and whatever else it raises on unknown models
        return None
