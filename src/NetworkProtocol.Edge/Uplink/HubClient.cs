using NetworkProtocol.Client;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>The two requests that an edge sends to its hub. Both can be repeated, because the hub knows its mark.</summary>
internal sealed class HubClient(ProtocolClient client)
{
    /// <exception cref="ProtocolClientException">The hub cannot be reached, or refuses the request.</exception>
    /// <exception cref="EncodingException">The hub's answer cannot be read.</exception>
    public async Task<HelloAnswer> HelloAsync(Hello hello, CancellationToken cancellationToken) =>
        HelloAnswer.Decode(await RequestAsync(Hello.Command, hello.Encode(), cancellationToken));

    /// <inheritdoc cref="HelloAsync"/>
    public async Task<AppendAnswer> AppendAsync(Batch batch, CancellationToken cancellationToken) =>
        AppendAnswer.Decode(await RequestAsync(Batch.Command, batch.Encode(), cancellationToken));

    private async Task<ReadOnlyMemory<byte>> RequestAsync(string command, byte[] payload, CancellationToken cancellationToken) =>
        await client.RequestAsync(new Message.Custom(command, payload), RequestOptions.Repeatable, cancellationToken)
            is Message.Custom answer && answer.Command == command
            ? answer.Payload
            : throw new EncodingException($"The hub answers {command} with another message.");
}
