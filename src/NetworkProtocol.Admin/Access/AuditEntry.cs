namespace NetworkProtocol.Admin;

/// <summary>An entry of the audit log: an action of a user or token, with its result.</summary>
public sealed record AuditEntry(
    [property: Field("When it happened.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The name of the user or token.", "admin")] string Who,
    [property: Field("The address of the user or program.", "192.0.2.7")] string From,
    [property: Field("console or api.", "api")] string Via,
    [property: Field("The action.", "ban")] string Action,
    [property: Field("The object of the action.", "192.0.2.0/24")] string Target,
    [property: Field("started, done, failed or refused.", "done")] string Result,
    [property: Field("The details of the result.", "192.0.2.0/24 is banned without an end, 3 connections ended.")] string Text,
    [property: Field("The id of the action; its two entries, started and done or failed, have the same id.", "0A1B2C3D4E5F6071")]
    string Id = "");
