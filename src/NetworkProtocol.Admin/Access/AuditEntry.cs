namespace NetworkProtocol.Admin;

/// <summary>What somebody did, or tried to.</summary>
public sealed record AuditEntry(
    [property: Field("When it happened.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The name of the user or token.", "admin")] string Who,
    [property: Field("The address of the user or program.", "192.0.2.7")] string From,
    [property: Field("console or api.", "api")] string Via,
    [property: Field("The action.", "ban")] string Action,
    [property: Field("What the action was for.", "192.0.2.0/24")] string Target,
    [property: Field("started, done, failed or refused.", "done")] string Result,
    [property: Field("More about the result.", "192.0.2.0/24 is banned without an end, 3 connections ended.")] string Text,
    [property: Field("The same for the two entries of one action: started, and done or failed.", "0A1B2C3D4E5F6071")] string Id = "");
