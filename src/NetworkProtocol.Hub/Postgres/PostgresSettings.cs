using Npgsql;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>The connection string, with what the store needs where the operator has not chosen.</summary>
internal static class PostgresSettings
{
    /// <summary>How long a connection attempt may take. The probe of /ready ends after 5 s, and has to name the reason.</summary>
    private const int ConnectSeconds = 3;

    /// <summary>How long a statement may take before the connection is given up.</summary>
    private const int CommandSeconds = 30;

    /// <summary>The writers, the readers and the retention, with room for one more of each.</summary>
    private const int Connections = 24;

    /// <summary>With fewer connections the queries could leave none to a writer, and the writer's work would fail.</summary>
    private const int FewestConnections = 16;

    /// <returns>What the text must be; null if it is that.</returns>
    public static string? ProblemOf(string connectionString)
    {
        try
        {
            var settings = Read(connectionString);
            try
            {
                using var source = Build(settings); // some settings do not go with others, which Npgsql finds out here
                return null;
            }
#pragma warning disable CA1031 // Npgsql does not say which errors these are
            catch (Exception e)
#pragma warning restore CA1031
            {
                return $"is refused by Npgsql: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}";
            }
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    /// <summary>Makes a source of connections; one of type <see cref="NpgsqlMultiHostDataSource"/> if there are several hosts.</summary>
    public static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings) =>
        settings.Host!.Contains(',', StringComparison.Ordinal)
            ? new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost()
            : NpgsqlDataSource.Create(settings);

    /// <summary>Likewise, of connections that end when they are closed.</summary>
    public static NpgsqlDataSource BuildUnpooled(NpgsqlConnectionStringBuilder settings) =>
        Build(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false });

    /// <exception cref="ArgumentException">It is no connection string. The message does not repeat it: it has a password.</exception>
    public static NpgsqlConnectionStringBuilder Read(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            throw new ArgumentException(Wrong);
        }

        if (string.IsNullOrEmpty(settings.Host))
        {
            throw new ArgumentException(Wrong);
        }

        if (settings.Pooling && settings.ContainsKey(PoolSize) && settings.MaxPoolSize < FewestConnections)
        {
            throw new ArgumentException($"{PoolSize} = {settings.MaxPoolSize}: must be {FewestConnections} or more, or left out");
        }

        Default(settings, "Timeout", ConnectSeconds);
        Default(settings, "Command Timeout", CommandSeconds);
        Default(settings, PoolSize, Connections);
        Default(settings, "Max Auto Prepare", 50);
        Default(settings, "Auto Prepare Min Usages", 2);
        Default(settings, "Keepalive", 30); // a firewall forgets a silent connection
        Default(settings, "Application Name", "network-protocol-hub");
        if (!settings.ContainsKey("GSS Encryption Mode"))
        {
            settings.GssEncryptionMode = GssEncryptionMode.Disable; // a try would need Kerberos' library, and costs a round trip
        }

        settings.IncludeErrorDetail = false; // the details of an error have rows of the data in them
        settings.PersistSecurityInfo = false;
        settings.Enlist = false;
        settings.Remove("Target Session Attributes"); // of several hosts the hub takes the primary
        return settings;
    }

    private const string PoolSize = "Maximum Pool Size";

    private const string Wrong =
        "must be a connection string of Npgsql, as Host=db.example.com;Database=hub;Username=hub;Password=... (not an address postgres://)";

    private static void Default(NpgsqlConnectionStringBuilder settings, string keyword, object value)
    {
        if (!settings.ContainsKey(keyword))
        {
            settings[keyword] = value;
        }
    }
}
