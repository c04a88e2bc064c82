using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>A greeting that waits for its transaction.</summary>
internal sealed class PostgresGreeting(string identity, Hello hello, long now, CancellationToken cancellationToken)
    : PostgresWorkOf<HelloAnswer>(hello.Source, identity, now, cancellationToken)
{
    public Hello Hello => hello;
}
