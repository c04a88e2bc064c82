namespace Integration.Tests.Hub;

/// <summary>A server of its own for tests that stop it: what it has committed survives.</summary>
public sealed class DurablePostgres : PostgresServer
{
    protected override bool IsDurable => true;
}
