namespace NetworkProtocol.Admin;

/// <summary>A setting with its value and source.</summary>
public sealed record SettingRow(
    [property: Field("The name of the setting.", "Server:MaxConnections")] string Key,
    [property: Field("The value in effect; secrets are hidden.", "1000")] string Value,
    [property: Field("Where the value comes from: default, file and its path, environment, argument or host.", "default")] string Source,
    [property: Field("Whether a change takes effect only after a restart.", true)] bool NeedsRestart,
    [property: Field("Whether the value in the source has changed since the start, so that it differs from the value in effect.", false)]
    bool Changed);
