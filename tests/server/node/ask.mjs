// What the official Node SDK makes of a server: its streaming helper, a tool call, an error, a request that is dropped.
// `node ask.mjs ADDRESS`; prints one JSON object.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "none" });
const messages = [{ role: "user", content: "hi" }];
const found = {};

const stream = client.chat.completions.stream({
  model: "contemplating/endpoint/say:ANSWER: 42",
  messages,
  reasoning_effort: "low",
  stream_options: { include_usage: true },
});
let reasoning = "";
for await (const chunk of stream) reasoning += chunk.choices[0]?.delta.reasoning_content ?? "";
found.streamed = (await stream.finalChatCompletion()).choices[0].message.content;
found.reasoning = reasoning;

const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }];
const called = await client.chat.completions.create({ model: "instant/endpoint/caller", messages, tools });
found.called = called.choices[0].message.tool_calls[0].function;
found.finish = called.choices[0].finish_reason;

const response = await client.responses.create({ model: "instant/endpoint/say:Hello there", input: "hi" });
found.response = response.output_text;

try {
  await client.chat.completions.create({ model: "instant/endpoint/fault:401", messages });
} catch (error) {
  found.error = { name: error.constructor.name, status: error.status, message: error.message };
}

const dropped = await client.chat.completions.create({ model: "instant/endpoint/endless", messages, stream: true });
for await (const chunk of dropped) {
  if (chunk.choices[0]?.delta.content) break;
}
console.log(JSON.stringify(found));
