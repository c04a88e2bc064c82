using NetworkProtocol.Server.Settings;

namespace NetworkProtocol.Web;

/// <summary>The section <c>NetworkProtocol:Log</c>.</summary>
internal sealed class LogOptions
{
    public const string Section = "NetworkProtocol:Log";

    /// <summary>Where to write rolling compact-JSON files, as <c>/var/log/network-protocol/server-.json</c>; empty: nowhere.</summary>
    [Shown]
    public string File { get; set; } = "";

    /// <summary>How many files are kept.</summary>
    public int RetainedFiles { get; set; } = 14;

    /// <summary>How large a file gets before the next one begins, from 1 MiB to 10 GiB.</summary>
    public long MaxFileBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>The mode of a file, in octal: 0600, 0640 or 0644.</summary>
    [Shown]
    public string FileMode { get; set; } = "0640";

    /// <summary>How events are written to standard output. Without it: <see cref="LogFormat.Text"/>, and under systemd lines for the journal.</summary>
    public LogFormat? Format { get; set; }

    public static LogOptions Read(IConfiguration configuration)
    {
        var options = new LogOptions();
        configuration.GetSection(Section).Bind(options);
        return options;
    }
}
