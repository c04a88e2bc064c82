using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>The section <c>NetworkProtocol:Log</c>: the log file, and the format of the log on standard output.</summary>
internal sealed class LogOptions
{
    public const string Section = "NetworkProtocol:Log";

    /// <summary>
    /// The path of rolling log files in compact JSON, as <c>/var/log/network-protocol/server-.json</c>; empty: no log files.
    /// </summary>
    [Shown]
    public string File { get; set; } = "";

    /// <summary>The number of log files to keep; the oldest file is deleted.</summary>
    [Range(1, 10_000)]
    public int RetainedFiles { get; set; } = 14;

    /// <summary>The size at which the next log file begins, in bytes: 1 MiB to 10 GiB.</summary>
    [Range(typeof(long), "1048576", "10737418240")]
    public long MaxFileBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>The mode of the log files, in octal: 0600, 0640 or 0644.</summary>
    [Shown]
    [AllowedValues("0600", "0640", "0644", ErrorMessage = "0600, 0640 or 0644")]
    public string FileMode { get; set; } = "0640";

    /// <summary>
    /// The format of events on standard output: text, or JSON with one object a line. Not set: <see cref="LogFormat.Text"/>, or under
    /// systemd lines with the journal's levels. The image and the files for Kubernetes set <see cref="LogFormat.Json"/>.
    /// </summary>
    public LogFormat? Format { get; set; }
}
