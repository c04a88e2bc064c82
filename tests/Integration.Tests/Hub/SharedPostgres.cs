namespace Integration.Tests.Hub;

/// <summary>The tests that share one server of PostgreSQL.</summary>
[CollectionDefinition(Name)]
public sealed class SharedPostgres : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}
