using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>The section <c>NetworkProtocol:Log</c>: where the log is written, and how.</summary>
internal sealed class LogOptions
{
    public const string Section = "NetworkProtocol:Log";

    /// <summary>Where to write rolling compact-JSON files, as <c>/var/log/network-protocol/server-.json</c>; empty: nowhere.</summary>
    [Shown]
    public string File { get; set; } = "";

    /// <summary>How many files are kept.</summary>
    [Range(1, 10_000)]
    public int RetainedFiles { get; set; } = 14;

    /// <summary>How large a file gets before the next one begins, from 1 MiB to 10 GiB.</summary>
    [Range(typeof(long), "1048576", "10737418240")]
    public long MaxFileBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>The mode of a file, in octal: 0600, 0640 or 0644.</summary>
    [Shown]
    [AllowedValues("0600", "0640", "0644", ErrorMessage = "0600, 0640 or 0644")]
    public string FileMode { get; set; } = "0640";

    /// <summary>
    /// How events are written to standard output: as text, or as JSON, one object a line. Without it: <see cref="LogFormat.Text"/>, and under
    /// systemd lines for the journal with its levels. The image and the files for Kubernetes set <see cref="LogFormat.Json"/>.
    /// </summary>
    public LogFormat? Format { get; set; }
}
