namespace NetworkProtocol.Server.Commands;

/// <summary>What is decided for one command when the server starts: conventions change it, those of its groups first.</summary>
public sealed class CommandOptions
{
    internal CommandOptions(string name, IServiceProvider services)
    {
        Name = name;
        Services = services;
    }

    /// <summary>The command's name.</summary>
    public string Name { get; }

    /// <summary>The program's services.</summary>
    public IServiceProvider Services { get; }

    /// <summary>How long a handler may take; null for <see cref="ServerOptions.RequestTimeout"/>.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>The largest payload in bytes; null for what <see cref="ServerOptions.MaxPayloadBytes"/> lets pass.</summary>
    public int? MaxPayloadBytes { get; set; }

    /// <summary>How many handlers run at once over all connections; null for any number.</summary>
    public int? Concurrency { get; set; }

    /// <summary>Whether only clients with a verified certificate may ask.</summary>
    public bool RequiresCertificate { get; set; }

    /// <summary>Whether only clients with a name may ask.</summary>
    public bool RequiresIdentity { get; set; }

    /// <summary>Who may ask, as <see cref="Connections.ClientIdentity.ToString"/> writes names; any name if it is empty.</summary>
    public ISet<string> AllowedIdentities { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>What stands before the handler, the first one outermost.</summary>
    public IList<ICommandFilter> Filters { get; } = [];

    /// <summary>What filters and handlers may read in <see cref="CommandContext.Metadata"/>.</summary>
    public IList<object> Metadata { get; } = [];
}
